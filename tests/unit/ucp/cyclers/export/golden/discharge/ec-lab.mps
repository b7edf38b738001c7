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
ctrl_type           CC                  
Apply I/C           I                   
current/potential   current             
ctrl1_val           1.250               
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
I Range             10 A                
I Range min         Unset               
I Range max         Unset               
I Range init        Unset               
auto rest           1                   
Bandwidth           5                   
