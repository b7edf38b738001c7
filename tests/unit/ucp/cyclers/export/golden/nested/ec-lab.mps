EC-LAB SETTING FILE

Number of linked techniques : 3

Filename : ec-lab.mps

Ewe ctrl range : min = 0.00 V, max = 5.00 V
Safety Limits :
	Do not start on E overload
Comments : ec-lab
Battery capacity : 5000.000 mA.h
Cycle Definition : Charge/Discharge alternance
Do not turn to OCV between techniques

Technique : 1
Modulo Bat
Ns                  0                   1                   2                   3                   
ctrl_type           CC                  CC                  Loop                Rest                
Apply I/C           I                   I                   I                   I                   
current/potential   current             current             current             current             
ctrl1_val           2.000               2.000               2.000               0.000               
ctrl1_val_unit      A                   A                                                           
ctrl1_val_vs        <None>              <None>                                                      
ctrl2_val           0.000               0.000               0.000               0.000               
ctrl2_val_unit                                                                                      
ctrl2_val_vs                                                                                        
ctrl3_val           0.000               0.000               0.000               0.000               
ctrl3_val_unit                                                                                      
ctrl3_val_vs                                                                                        
N                   0.00                0.00                0.00                0.00                
charge/discharge    Charge              Discharge           Discharge           Discharge           
charge/discharge_1  Charge              Charge              Charge              Charge              
Apply I/C_1         I                   I                   I                   I                   
N1                  0.00                0.00                0.00                0.00                
ctrl4_val           0.000               0.000               0.000               0.000               
ctrl4_val_unit                                                                                      
ctrl5_val           0.000               0.000               0.000               0.000               
ctrl5_val_unit                                                                                      
ctrl_tM             0                   0                   0                   0                   
ctrl_seq            0                   0                   0                   0                   
ctrl_repeat         0                   0                   14                  0                   
ctrl_trigger        Falling Edge        Falling Edge        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               0.000               0.000               
ctrl_TO_t_unit      d                   d                   d                   d                   
ctrl_Nd             6                   6                   6                   6                   
ctrl_Na             2                   2                   2                   2                   
ctrl_corr           0                   0                   0                   0                   
lim_nb              1                   1                   0                   1                   
lim1_type           Ewe                 Ewe                 Time                Time                
lim1_comp           >                   <                   <                   >                   
lim1_Q              Q limit             Q limit             Q limit             Q limit             
lim1_value          4.100               3.000               0.000               1.000               
lim1_value_unit     V                   V                   s                   h                   
lim1_action         Next sequence       Next sequence       Next sequence       Next sequence       
lim1_seq            1                   2                   3                   4                   
rec_nb              1                   1                   0                   1                   
rec1_type           Time                Time                Time                Time                
rec1_value          1.000               1.000               0.000               1.000               
rec1_value_unit     mn                  mn                  s                   mn                  
E range min (V)     0.000               0.000               0.000               0.000               
E range max (V)     5.000               5.000               5.000               5.000               
I Range             10 A                10 A                10 A                10 A                
I Range min         Unset               Unset               Unset               Unset               
I Range max         Unset               Unset               Unset               Unset               
I Range init        Unset               Unset               Unset               Unset               
auto rest           1                   1                   1                   1                   
Bandwidth           5                   5                   5                   5                   

Technique : 2
Loop
goto Ne             1                   
nt times            9                   

Technique : 3
Modulo Bat
ctrl_type           CC                  
Apply I/C           I                   
current/potential   current             
ctrl1_val           0.500               
ctrl1_val_unit      A                   
ctrl1_val_vs        <None>              
ctrl2_val           0.000               
ctrl2_val_unit                          
ctrl2_val_vs                            
ctrl3_val           0.000               
ctrl3_val_unit                          
ctrl3_val_vs                            
N                   0.00                
charge/discharge    Discharge           
charge/discharge_1  Charge              
Apply I/C_1         I                   
N1                  0.00                
ctrl4_val           0.000               
ctrl4_val_unit                          
ctrl5_val           0.000               
ctrl5_val_unit                          
ctrl_tM             0                   
ctrl_seq            0                   
ctrl_repeat         0                   
ctrl_trigger        Falling Edge        
ctrl_TO_t           0.000               
ctrl_TO_t_unit      d                   
ctrl_Nd             6                   
ctrl_Na             2                   
ctrl_corr           0                   
lim_nb              1                   
lim1_type           Ewe                 
lim1_comp           <                   
lim1_Q              Q limit             
lim1_value          2.500               
lim1_value_unit     V                   
lim1_action         Stop                
lim1_seq            9999                
rec_nb              1                   
rec1_type           Time                
rec1_value          1.000               
rec1_value_unit     mn                  
E range min (V)     0.000               
E range max (V)     5.000               
I Range             1 A                 
I Range min         Unset               
I Range max         Unset               
I Range init        Unset               
auto rest           1                   
Bandwidth           5                   
