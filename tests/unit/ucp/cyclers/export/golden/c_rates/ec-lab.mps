EC-LAB SETTING FILE

Number of linked techniques : 1

Filename : ec-lab.mps

Ewe ctrl range : min = 0.00 V, max = 5.00 V
Safety Limits :
	Do not start on E overload
Comments : ec-lab
Battery capacity : 5000.000 mA.h
Cycle Definition : Charge/Discharge alternance

Technique : 1
Modulo Bat
Ns                  0                   1                   2                   
ctrl_type           CC                  CV                  CC                  
Apply I/C           I                   I                   I                   
current/potential   current             current             current             
ctrl1_val           2.500               4.200               1666.667            
ctrl1_val_unit      A                   V                   mA                  
ctrl1_val_vs        <None>              Ref                 <None>              
ctrl2_val           0.000               0.000               0.000               
ctrl2_val_unit                                                                  
ctrl2_val_vs                                                                    
ctrl3_val           0.000               0.000               0.000               
ctrl3_val_unit                                                                  
ctrl3_val_vs                                                                    
N                   0.00                0.00                0.00                
charge/discharge    Charge              Charge              Discharge           
charge/discharge_1  Charge              Charge              Charge              
Apply I/C_1         I                   I                   I                   
N1                  0.00                0.00                0.00                
ctrl4_val           0.000               0.000               0.000               
ctrl4_val_unit                                                                  
ctrl5_val           0.000               0.000               0.000               
ctrl5_val_unit                                                                  
ctrl_tM             0                   0                   0                   
ctrl_seq            0                   0                   0                   
ctrl_repeat         0                   0                   0                   
ctrl_trigger        Falling Edge        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               0.000               
ctrl_TO_t_unit      d                   d                   d                   
ctrl_Nd             6                   6                   6                   
ctrl_Na             2                   2                   2                   
ctrl_corr           0                   0                   0                   
lim_nb              1                   2                   1                   
lim1_type           Ewe                 |I|                 Ewe                 
lim1_comp           >                   <                   <                   
lim1_Q              Q limit             I limit             Q limit             
lim1_value          4.200               0.250               2.750               
lim1_value_unit     V                   A                   V                   
lim1_action         Next sequence       Next sequence       Stop                
lim1_seq            1                   2                   9999                
lim2_type           Time                Time                Time                
lim2_comp           <                   >                   <                   
lim2_Q              Q limit             Q limit             Q limit             
lim2_value          0.000               3.000               0.000               
lim2_value_unit     s                   h                   s                   
lim2_action         Next sequence       Next sequence       Next sequence       
lim2_seq            1                   2                   3                   
rec_nb              1                   1                   1                   
rec1_type           Time                Time                Time                
rec1_value          1.000               1.000               1.000               
rec1_value_unit     mn                  mn                  mn                  
E range min (V)     0.000               0.000               0.000               
E range max (V)     5.000               5.000               5.000               
I Range             10 A                10 A                10 A                
I Range min         Unset               Unset               Unset               
I Range max         Unset               Unset               Unset               
I Range init        Unset               Unset               Unset               
auto rest           1                   1                   1                   
Bandwidth           5                   5                   5                   
